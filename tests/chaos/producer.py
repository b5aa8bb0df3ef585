"""A producer who uploads one cut after the other, and again when an upload broke off."""

import hashlib
import http.client
import itertools
import random
import subprocess
import threading
import uuid
from pathlib import Path

from videos.media.transcoding.sandbox import binaries


def clip(path: Path, seconds: int = 5) -> bytes:
    """A small video, with its index before its pictures."""
    command = [
        *(binaries.ffmpeg(), "-v", "error", "-nostdin", "-y", "-f", "lavfi"),
        *(
            "-i",
            f"testsrc2=s=640x360:r=25:d={seconds}",
            "-f",
            "lavfi",
            "-i",
            f"sine=300:d={seconds}",
        ),
        *("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-movflags", "faststart"),
        str(path),
    ]
    subprocess.run(command, check=True, timeout=60)
    return path.read_bytes()


def unlike(content: bytes, salt: bytes) -> bytes:
    """The same video with a box that players skip, so that its checksum is its own."""
    return content + (8 + len(salt)).to_bytes(4, "big") + b"free" + salt


def damaged(content: bytes, salt: bytes) -> bytes:
    """A video of which the second half is missing."""
    return content[: len(content) // 2] + salt


class Producer(threading.Thread):
    """Uploads through the site until told to stop. `taken` is what the studio said yes to.

    `contents` are a short video and one that is long enough to be made in pieces.
    """

    def __init__(
        self,
        port: int,
        videos: list[int],
        cookies: dict[str, str],
        contents: tuple[bytes, bytes],
        seed: int,
    ):
        super().__init__(daemon=True)
        self.port, self.videos, self.cookies = port, videos, cookies
        self.short, self.long = contents
        self.random = random.Random(seed)
        self.taken: dict[str, str] = {}  # name: checksum
        self.broken = 0
        self.pause = threading.Event()
        self.is_over = threading.Event()

    def run(self) -> None:
        for number in itertools.count(1):
            if self.is_over.is_set():
                return
            name = f"cut-{number}.mp4"
            salt = uuid.UUID(int=self.random.getrandbits(128)).bytes
            make = damaged if number % 7 == 0 else unlike
            content = make(self.long if number % 5 == 0 else self.short, salt)
            try:
                taken = self.upload(self.random.choice(self.videos), name, content)
            except (OSError, http.client.HTTPException):
                taken = False
            if taken:
                self.taken[name] = hashlib.sha256(content).hexdigest()
            else:
                self.broken += 1
            self.is_over.wait(0.3 if taken else 1.0)
            while self.pause.is_set() and not self.is_over.wait(0.2):
                pass

    def upload(self, video: int, name: str, content: bytes) -> bool:
        """Whether the studio said that it has all of it."""
        border = uuid.uuid4().hex
        fields = (
            f'--{border}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n'
            f"{self.cookies['csrftoken']}\r\n"
            f'--{border}\r\nContent-Disposition: form-data; name="source"; filename="{name}"\r\n'
            "Content-Type: video/mp4\r\n\r\n"
        ).encode()
        body = fields + content + f"\r\n--{border}--\r\n".encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={border}",
            "Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items()),
            "X-Requested-With": "XMLHttpRequest",
        }
        try:
            connection.request("POST", f"/admin/cuts/upload/{video}/", body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status == 200
        finally:
            connection.close()

    def stop(self) -> None:
        self.is_over.set()
        self.join(90)
