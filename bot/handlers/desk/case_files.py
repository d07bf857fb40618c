"""Cases as a file: what is published, or all of them, to be kept, changed and uploaded again."""

import io

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.handlers.desk.files import serve
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Visit, see
from bot.services import case_files, case_import
from bot.services.attachments import Opened
from bot.services.rights import Right
from storage.unit import Unit


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Files(parts, pages)
    return [reception.page("/cases/export", desk.export, Right.CASES)]


class _Files:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def export(self, visit: Visit) -> Response:
        """Give the published cases, or all, in the format that is asked for."""
        wanted, which = visit.asked("format"), visit.asked("which")
        format_ = next((one for one in case_files.FORMATS if one == wanted), None)
        if format_ is None or which not in {"published", "all"}:
            return see(f"{self._parts.base}/cases/import")  # where a format is chosen

        def work(unit: Unit) -> bytes:
            out = io.BytesIO()
            every = case_import.every(self._parts.svc, unit)
            found = (one for one in every if which in {"all", one.status})
            case_files.write(case_files.few(found), format_, out)
            return out.getvalue()

        content = self._parts.store.read(work)
        name = self._pages.text("desk.case_import.sheet")
        return serve(Opened(f"{name}.{format_}", case_files.MIMES[format_], content))
