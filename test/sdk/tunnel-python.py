"""Twilio's library for Python: all it knows of the proxy is whom to trust. Prints what it saw as JSON."""
import json
import os
import sys

try:
    from twilio.rest import Client
except ImportError:
    sys.exit('Twilio for Python is missing: apt-get install python3-twilio')
from round_python import go_round

account_sid, messages = sys.argv[1], int(sys.argv[2])
client = Client(account_sid, 'secret')
# Older versions of the library, such as Debian 12 has, do not look at REQUESTS_CA_BUNDLE.
client.http_client.session.verify = os.environ['REQUESTS_CA_BUNDLE']
seen = go_round(client, messages)

# The library has no call for media; its session has the same proxy and trusts the same certificate.
recording = client.recordings.list(limit=1)[0]
url = 'https://api.twilio.com%s.mp3' % recording.uri.removesuffix('.json')
with client.http_client.session.get(url, auth=(account_sid, 'secret'), stream=True) as media:
    media.raise_for_status()
    media_bytes = sum(len(chunk) for chunk in media.iter_content(65536))

print(json.dumps({**seen, 'mediaBytes': media_bytes}))
