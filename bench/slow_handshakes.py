"""Keeps many TLS handshakes open that never end, for script/bench_tls_flood.sh.

Usage: slow_handshakes.py PORT CONNECTIONS

Connects CONNECTIONS times to 127.0.0.1:PORT, sends the beginning of a ClientHello on each and then a
byte every two seconds, and opens again what the server closes. Prints how many were begun at its end: after two
minutes, or when its standard input is closed.
"""

import selectors
import socket
import sys
import time

# The head of a record of 512 bytes, and of the ClientHello in it.
HELLO = bytes([0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3]) + bytes(32)
INTERVAL_S = 2.0
LIFE_S = 120.0
CONNECTS_AT_ONCE = 200


def connect(port, number):
    """Returns a connection on its way, from one of many addresses, so that ports suffice."""
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.setblocking(False)
    client.bind((f"127.0.0.{2 + number % 50}", 0))
    client.connect_ex(("127.0.0.1", port))
    return client


def main():
    port, wanted = int(sys.argv[1]), int(sys.argv[2])
    selector = selectors.EpollSelector()
    selector.register(sys.stdin, selectors.EVENT_READ)
    waiting = {}  # connections by the number of the next turn in which they send
    open_now = opened = 0
    begin = time.monotonic()
    turn_s = INTERVAL_S / 20
    turn = 0
    while time.monotonic() - begin < LIFE_S:
        for _ in range(min(CONNECTS_AT_ONCE, wanted - open_now)):
            client = connect(port, opened)
            opened += 1
            open_now += 1
            selector.register(client, selectors.EVENT_READ)
            waiting.setdefault(turn + 1 + opened % 20, []).append((client, HELLO))
        next_turn = begin + (turn + 1) * turn_s
        for key, _ in selector.select(max(0.0, next_turn - time.monotonic())):
            if key.fileobj is sys.stdin:
                print(f"{opened} handshakes were begun", flush=True)
                return
            # Nothing is expected: the server has closed the connection.
            selector.unregister(key.fileobj)
            key.fileobj.close()
            open_now -= 1
        if time.monotonic() < next_turn:
            continue
        turn += 1
        for client, text in waiting.pop(turn, []):
            if client.fileno() < 0:
                continue
            try:
                client.send(text)
            except OSError:
                pass  # it is closed when the selector says so
            waiting.setdefault(turn + 20, []).append((client, b"\0"))


main()
