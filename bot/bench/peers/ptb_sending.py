"""Peer: a bare loop of PTB's `bot.send_message` with PTB's own requests; nothing is written down.

`python ptb_sending.py --api http://127.0.0.1:… --count 2000 --at-once 8`
"""

import argparse
import asyncio
import json
import logging
import sys
import time

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.request import HTTPXRequest

TOKEN = "1:rehearsal-bench"
KEYS = InlineKeyboardMarkup(
    [
        [InlineKeyboardButton("누리집에서 보기", url="https://gaon.example/news/2026-11")],
        [InlineKeyboardButton("그만 받기", callback_data="news_stop 2026-11")],
    ]
)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--api", required=True)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=1)
    given = parser.parse_args()
    logging.disable()
    words = sys.stdin.read()
    request = HTTPXRequest(connection_pool_size=given.at_once)
    async with Bot(TOKEN, base_url=f"{given.api}/bot", request=request) as bot:
        chats = iter(range(given.count))

        async def one() -> None:
            for chat in chats:
                await bot.send_message(1_000_000 + chat, words, reply_markup=KEYS)

        begun, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(one() for _ in range(given.at_once)))
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    print(
        json.dumps(
            {
                "sends_per_s": given.count / seconds,
                "cpu_us": cpu / given.count * 1e6,
                "count": given.count,
                "at_once": given.at_once,
            }
        )
    )


asyncio.run(main())
