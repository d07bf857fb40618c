"""Every command, in the order in which help lists them."""

from bot.cli import (
    backups,
    bench,
    cards,
    cases,
    checks,
    demo,
    doctor,
    imports,
    intents,
    mail,
    migrating,
    newsletter,
    people,
    relay,
    resume,
    route,
    running,
    secrets,
    slack,
)
from bot.cli.help import Typer

app = Typer(
    name="jeokgeuk",
    help="적극톡: 소극행정 신고와 안내를 메신저와 누리집에서 잇는 서비스.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("serve")(running.serve)
app.command("work")(running.work)
app.command("migrate")(migrating.migrate)
app.add_typer(people.app, name="users")
app.add_typer(imports.app, name="filings")
app.add_typer(cases.app, name="cases")
app.add_typer(cards.app, name="cards")
app.add_typer(secrets.app, name="keys")
app.command("doctor")(doctor.doctor)
app.command("verify")(checks.verify)
app.command("backup")(backups.backup)
app.command("backup-key")(backups.backup_key)
app.command("restore")(backups.restore_)
app.command("resume")(resume.resume)
app.add_typer(relay.app, name="relay")
app.add_typer(slack.app, name="slack")
app.command("route")(route.route)
app.add_typer(intents.app, name="intents")
app.add_typer(mail.app, name="mail")
app.add_typer(newsletter.app, name="newsletter")
app.add_typer(bench.app, name="bench")
