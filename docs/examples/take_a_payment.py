"""Take ₹499 at the bank: open a session, print where to pay, wait for the news, print paid."""

import json
import os
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests
from itsdangerous import URLSafeTimedSerializer
from standardwebhooks import Webhook, WebhookVerificationError

BANK, CLIENT, SECRET, PORT = (os.environ[name] for name in ("BANK", "CLIENT", "SECRET", "PORT"))
order, paid = os.urandom(8).hex(), []


class Shop(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            event = Webhook(SECRET).verify(body, dict(self.headers.items()))
        except (WebhookVerificationError, ValueError):
            return self.send_error(401)
        if event["type"] == "payment.succeeded" and event["data"]["reference"] == order:
            paid.append(event["data"]["amount"])
        self.send_response(204)
        return self.end_headers()


shop = HTTPServer(("127.0.0.1", int(PORT)), Shop)
path, back = "/api/v1/payment-sessions", f"http://localhost:{PORT}/thanks"
terms = {"amount": 49900, "currency": "INR", "bank": "SBB", "reference": order, "return_url": back}
body = json.dumps(terms).encode()
call = [CLIENT, "POST", path, sha256(body).hexdigest(), order]
token = "Bearer " + URLSafeTimedSerializer(SECRET, salt="batua.bank-api").dumps(call)
headers = {"Authorization": token, "Idempotency-Key": order, "Content-Type": "application/json"}
answer = requests.post(BANK + path, data=body, headers=headers, timeout=10)
print("Pay here:", answer.json()["url"], flush=True)
while not paid:
    shop.handle_request()
print(f"Paid: ₹{paid[0] / 100:.2f}")
