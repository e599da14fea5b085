"""The little of WebSockets (RFC 6455) that an echo needs: short text frames."""

import base64
import hashlib
import os
import struct


def accept_key(key):
    """What a server answers to a client's key (section 4.2.2)."""
    digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    return base64.b64encode(digest).decode()


def new_key():
    """A client's key."""
    return base64.b64encode(os.urandom(16)).decode()


def frame(payload, mask=b""):
    """One final text frame of under 126 bytes (section 5.2); clients have to give a mask of four bytes."""
    masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if mask else payload
    return struct.pack("!BB", 0x81, (0x80 if mask else 0) | len(payload)) + mask + masked


def read_frame(stream):
    """The payload of the next short frame, None when the other side has closed or ended."""
    head = stream.read(2)
    if len(head) < 2 or head[0] & 0x0F == 8:
        return None
    mask = stream.read(4) if head[1] & 0x80 else bytes(4)
    payload = stream.read(head[1] & 0x7F)
    return bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
