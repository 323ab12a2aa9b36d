"""Twilio's library for Python, on a machine where no name of Twilio's resolves. Prints what it listed.

Debian 12 has version 7.7; what has changed since is how requests are sent, and that is done here as version 9 does it.
"""
import socket
import sys

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from requests import Request

NUMERIC = socket.getaddrinfo


def only_addresses(host, *rest, **named):
    if host.replace('.', '').isdigit() or host == 'localhost':
        return NUMERIC(host, *rest, **named)
    raise socket.gaierror('no %s here' % host)


socket.getaddrinfo = only_addresses


class Sends(TwilioHttpClient):
    def request(self, method, url, params=None, data=None, headers=None, auth=None, timeout=None, allow_redirects=False):
        prepared = self.session.prepare_request(Request(method, url, params=params, data=data, headers=headers, auth=auth))
        settings = self.session.merge_environment_settings(prepared.url, {}, None, None, None)
        answer = self.session.send(prepared, timeout=5, allow_redirects=allow_redirects, **settings)
        return Response(answer.status_code, answer.text, answer.headers)


account_sid, product, *base_url = sys.argv[1:]
client = Client(account_sid, 'secret', http_client=Sends())
if base_url:
    getattr(client, product).base_url = base_url[0]
listed = client.verify.v2.services if product == 'verify' else client.messages
print(len(listed.list(page_size=2)))
