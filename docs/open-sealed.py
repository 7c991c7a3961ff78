#!/usr/bin/env python3
"""Opens a file of an encrypted desk without fusion: python3, age, and these lines.

    open-sealed.py DESK KEY captures/20261123-000001.warc.gz > plain.warc.gz

The form is told in crates/evidence/src/at_rest/form.rs. The ciphers are written out (RFC 8439), so that
nothing has to be installed; that takes a second for each 100 kB.
"""

import base64, hashlib, hmac, json, struct, subprocess, sys


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def chacha20(key, counter, nonce, data):
    def turn(s, a, b, c, d):
        for x, y, z, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            s[x] = (s[x] + s[y]) & 0xFFFFFFFF
            s[z] ^= s[x]
            s[z] = (s[z] << by | s[z] >> 32 - by) & 0xFFFFFFFF

    out = bytearray()
    for at in range(0, len(data), 64):
        start = list(struct.unpack("<4I8II3I", b"expand 32-byte k" + key + struct.pack("<I", counter) + nonce))
        s = start[:]
        for _ in range(10):
            for i in range(4):
                turn(s, i, 4 + i, 8 + i, 12 + i)
            for i in range(4):
                turn(s, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
        stream = struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(s, start)))
        out += bytes(a ^ b for a, b in zip(data[at : at + 64], stream))
        counter += 1
    return bytes(out)


def poly1305(key, data):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(data), 16):
        total = (total + int.from_bytes(data[at : at + 16] + b"\1", "little")) * r % (2**130 - 5)
    return (total + int.from_bytes(key[16:], "little") & (2**128 - 1)).to_bytes(16, "little")


def opened(key, nonce, told, sealed, tag):
    pad = lambda data: data + bytes(-len(data) % 16)
    over = pad(told) + pad(sealed) + struct.pack("<QQ", len(told), len(sealed))
    if poly1305(chacha20(key, 0, nonce, bytes(32)), over) != tag:
        sys.exit("a frame was changed, or stands in another place")
    return chacha20(key, 1, nonce, sealed)


desk, key_file, place = sys.argv[1:]
locked = base64.b64decode(json.load(open(f"{desk}/keys/at-rest.json"))["locked"])
age = subprocess.run(["age", "-d", "-i", key_file], input=locked, stdout=subprocess.PIPE, check=True)
data_keys = [age.stdout[at : at + 32] for at in range(0, len(age.stdout), 32)]

file = open(f"{desk}/{place}", "rb")
head = file.read(80)
if head[:16] != b"fusion-at-rest1\n":
    sys.exit("it is not encrypted")
data_key = next(key for key in data_keys if mac(key, b"number")[:8] == head[16:24])
file_key = mac(data_key, b"fusion at rest 1\0", head[:64], place.encode(), b"\1")
if mac(file_key, b"head")[:16] != head[64:]:
    sys.exit("its head was changed, or it lay in another place")
at = 0
while frame := file.read(40):
    told, offset = struct.unpack("<IQ", frame[:12])
    length, zeros = told & 0x7FFFFFFF, told >> 31
    if offset != at:
        sys.exit("a frame is missing")
    plain = opened(file_key, frame[12:24], frame[:12], b"" if zeros else file.read(length), frame[24:])
    sys.stdout.buffer.write(plain or bytes(length))
    at += length
