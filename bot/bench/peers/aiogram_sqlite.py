"""Peer: aiogram's finite-state machine on SQLite (a minimal aiosqlite storage), network stubbed."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import aiosqlite
from aiogram import Bot, Dispatcher, F
from aiogram.client.session.base import BaseSession
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import BaseStorage, StorageKey
from aiogram.types import KeyboardButton, Message, ReplyKeyboardMarkup, Update
from common import STEPS, answer, measure, plan, report, update

BUTTONS = ReplyKeyboardMarkup(
    keyboard=[
        [KeyboardButton(text="네, 답을 들었는데 그대로예요"), KeyboardButton(text="아니요")],
        [KeyboardButton(text="뒤로"), KeyboardButton(text="그만두기")],
    ]
)


class Stub(BaseSession):
    """Serialises the call and parses an answer, without a network."""

    async def close(self) -> None: ...

    async def make_request(self, bot: Bot, method: Any, **_: Any) -> Any:
        files: dict[str, Any] = {}
        for key, value in method.model_dump(warnings=False).items():
            self.prepare_value(value, bot=bot, files=files)
            del key
        raw = answer(1, int(method.chat_id)).decode()
        return self.check_response(bot=bot, method=method, status_code=200, content=raw).result

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        yield b""


class Sqlite(BaseStorage):
    """State and data in one row per key, committed at each change."""

    def __init__(self, db: aiosqlite.Connection) -> None:
        self.db = db

    async def _get(self, key: StorageKey, column: str) -> Any:
        query = f"SELECT {column} FROM fsm WHERE chat = ? AND person = ?"
        async with self.db.execute(query, (key.chat_id, key.user_id)) as cursor:
            row = await cursor.fetchone()
        return row[0] if row else None

    async def _set(self, key: StorageKey, column: str, value: Any) -> None:
        await self.db.execute(
            f"INSERT INTO fsm (chat, person, {column}) VALUES (?, ?, ?) "
            f"ON CONFLICT (chat, person) DO UPDATE SET {column} = excluded.{column}",
            (key.chat_id, key.user_id, value),
        )
        await self.db.commit()

    async def set_state(self, key: StorageKey, state: Any = None) -> None:
        await self._set(key, "state", state.state if isinstance(state, State) else state)

    async def get_state(self, key: StorageKey) -> str | None:
        return await self._get(key, "state")

    async def set_data(self, key: StorageKey, data: Any) -> None:
        await self._set(key, "data", json.dumps(data))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return json.loads(await self._get(key, "data") or "{}")

    async def close(self) -> None: ...


class Report(StatesGroup):
    s0, s1, s2, s3, s4, s5 = (State() for _ in range(6))


STATES = (Report.s0, Report.s1, Report.s2, Report.s3, Report.s4, Report.s5)


def step(index: int) -> Any:
    async def ask(message: Message, state: FSMContext) -> None:
        await state.update_data({STEPS[index]: message.text})
        if index + 1 == len(STEPS):
            await state.clear()
            await message.answer("접수했어요.", reply_markup=BUTTONS)
            return
        await state.set_state(STATES[index + 1])
        await message.answer(f"{STEPS[index + 1]}?", reply_markup=BUTTONS)

    return ask


async def begin(message: Message, state: FSMContext) -> None:
    await state.set_state(STATES[0])
    await message.answer(f"{STEPS[0]}?", reply_markup=BUTTONS)


async def main() -> None:
    p = plan()
    logging.disable()
    async with aiosqlite.connect(p.folder / "aiogram.db") as db:
        await db.execute("PRAGMA journal_mode=WAL")
        await db.execute(f"PRAGMA synchronous={p.durability}")
        await db.execute(
            "CREATE TABLE fsm (chat INTEGER, person INTEGER, state TEXT, data TEXT, "
            "PRIMARY KEY (chat, person))"
        )
        bot = Bot("1:stub", session=Stub())
        dispatcher = Dispatcher(storage=Sqlite(db))
        dispatcher.message.register(begin, Command("report"))
        for index, state in enumerate(STATES):
            dispatcher.message.register(step(index), state, F.text)

        async def turn(person: int, number: int, words: str) -> None:
            parsed = Update.model_validate(update(person, number, words), context={"bot": bot})
            await dispatcher.feed_update(bot, parsed)

        report(await measure(turn, p))


asyncio.run(main())
