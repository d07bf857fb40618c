"""Peer: python-telegram-bot's ConversationHandler with PicklePersistence, network stubbed."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from common import STEPS, answer, measure, plan, report, update
from telegram import ReplyKeyboardMarkup, Update
from telegram.ext import (
    ApplicationBuilder,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PersistenceInput,
    PicklePersistence,
    filters,
)
from telegram.request import BaseRequest

BUTTONS = ReplyKeyboardMarkup([["네, 답을 들었는데 그대로예요", "아니요"], ["뒤로", "그만두기"]])


class Stub(BaseRequest):
    """Serialises the call and parses an answer, without a network."""

    read_timeout = 5.0

    async def initialize(self) -> None: ...
    async def shutdown(self) -> None: ...

    async def do_request(self, url: str, request_data: Any = None, **_: Any) -> Any:
        parameters = request_data.json_parameters if request_data else {}
        if url.endswith("getMe"):
            return (
                200,
                b'{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"b","username":"b"}}',
            )
        return 200, answer(1, int(parameters.get("chat_id", 1)))


def step(index: int) -> Any:
    async def ask(u: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
        context.user_data[STEPS[index]] = u.message.text
        if index + 1 == len(STEPS):
            await u.message.reply_text("접수했어요.", reply_markup=BUTTONS)
            context.user_data.clear()
            return ConversationHandler.END
        await u.message.reply_text(f"{STEPS[index + 1]}?", reply_markup=BUTTONS)
        return index + 1

    return ask


async def begin(u: Update, _context: ContextTypes.DEFAULT_TYPE) -> int:
    await u.message.reply_text(f"{STEPS[0]}?", reply_markup=BUTTONS)
    return 0


async def main() -> None:
    p = plan()
    logging.disable()
    persistence = PicklePersistence(
        p.folder / "ptb.pickle",
        store_data=PersistenceInput(bot_data=False, chat_data=False, callback_data=False),
        update_interval=60,
    )
    app = (
        ApplicationBuilder()
        .token("1:stub")
        .request(Stub())
        .get_updates_request(Stub())
        .persistence(persistence)
        .updater(None)
        .job_queue(None)
        .build()
    )
    text = filters.TEXT & ~filters.COMMAND
    app.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("report", begin)],
            states={i: [MessageHandler(text, step(i))] for i in range(len(STEPS))},
            fallbacks=[CommandHandler("report", begin)],
            allow_reentry=True,
            persistent=True,
            name="report",
        )
    )
    await app.initialize()
    await app.start()

    async def turn(person: int, number: int, words: str) -> None:
        await app.process_update(Update.de_json(update(person, number, words), app.bot))
        if p.flush == "turn" and person < 10_000_000:
            await app.update_persistence()

    figures = await measure(turn, p, app.update_persistence if p.flush == "minute" else None)
    await app.stop()
    report(figures)


asyncio.run(main())
