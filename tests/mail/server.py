"""A mail server from aiosmtpd for the tests: STARTTLS or TLS from the first byte, with sign-in.

Usage: server.py MODE FOLDER, where MODE is starttls, implicit or plain. FOLDER holds cert.pem and key.pem; every mail
becomes a file there, and every command that came in the clear a line of clear.log. Prints its port.
"""
import asyncio
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

mode, folder = sys.argv[1], pathlib.Path(sys.argv[2])


class Keeps:
    async def handle_DATA(self, server, session, envelope):
        number = len(list(folder.glob("*.eml")))
        (folder / f"{number}.eml").write_bytes(envelope.content)
        return f"250 kept as {number}"


def authenticate(server, session, envelope, mechanism, data):
    is_right = (data.login, data.password) == (b"clinic", b"p@ss word")
    return AuthResult(success=is_right, handled=False)


class Watched(SMTP):
    def note(self, command):
        if mode != "implicit" and self.session.ssl is None:
            with open(folder / "clear.log", "a") as log:
                log.write(command + "\n")

    async def smtp_EHLO(self, arg):
        self.note("EHLO")
        await super().smtp_EHLO(arg)

    async def smtp_AUTH(self, arg):
        self.note("AUTH")
        await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg):
        self.note("MAIL")
        await super().smtp_MAIL(arg)


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(folder / "cert.pem", folder / "key.pem")


def factory():
    tls = {"tls_context": context, "require_starttls": True} if mode == "starttls" else {}
    auth = {} if mode == "plain" else {"authenticator": authenticate, "auth_required": True}
    return Watched(Keeps(), hostname="localhost", auth_require_tls=mode == "starttls", **tls, **auth)


async def main():
    encrypted = context if mode == "implicit" else None
    server = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", 0, ssl=encrypted)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
