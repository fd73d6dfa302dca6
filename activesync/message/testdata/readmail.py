"""Reads messages with Python's email package, for comparing.

Each message comes on standard input behind its length in four bytes. What was
read goes to standard output as a line of JSON.
"""
import email
import email.policy
import hashlib
import json
import struct
import sys


def pairs(field):
    return [[a.display_name, a.addr_spec] for a in field.addresses] if field else []


def read(raw):
    m = email.message_from_bytes(raw, policy=email.policy.default)
    defects, files, plain, html = [], [], None, None
    for part in m.walk():
        defects += [type(d).__name__ for d in part.defects]
        for name, value in part.items():
            defects += [name + ": " + type(d).__name__ for d in getattr(value, "defects", ())]
        if part.is_multipart() and part.get_content_type() != "message/rfc822":
            continue
        name = part.get_filename()
        if part.get_content_type() == "message/rfc822":
            files.append([name, part.get_content_type(), ""])
            break
        if name is not None:
            files.append([name, part.get_content_type(), hashlib.sha256(part.get_payload(decode=True)).hexdigest()])
        elif part.get_content_type() == "text/plain" and plain is None:
            plain = part.get_content()
        elif part.get_content_type() == "text/html" and html is None:
            html = part.get_content()
    return {
        "subject": m["subject"], "from": pairs(m["from"]), "to": pairs(m["to"]), "cc": pairs(m["cc"]), "bcc": pairs(m["bcc"]),
        "date": m["date"].datetime.isoformat() if m["date"] else "", "id": m["message-id"], "fields": [k.lower() for k in m.keys()],
        "plain": (plain or "").replace("\r\n", "\n"), "html": html or "", "files": files, "defects": defects,
    }


while True:
    head = sys.stdin.buffer.read(4)
    if len(head) < 4:
        break
    raw = sys.stdin.buffer.read(struct.unpack(">I", head)[0])
    print(json.dumps(read(raw)), flush=True)
