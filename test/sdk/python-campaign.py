"""A campaign from Twilio's library for Python, which knows a base URL and nothing else of the proxy.

Usage: python-campaign.py BASE_URL ACCOUNT_SID MESSAGES THREADS
Prints one JSON object: how many messages were sent, and what went wrong.
"""
import json
import sys
from concurrent.futures import ThreadPoolExecutor

try:
    from twilio.base.exceptions import TwilioRestException
    from twilio.rest import Client
except ImportError:
    sys.exit("Twilio's library for Python is not installed: apt-get install python3-twilio")

base_url, account_sid, messages, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
client = Client(account_sid, 'secret')
client.api.base_url = base_url


def send(number):
    try:
        message = client.messages.create(to='+15550001111', from_='+15550002222', body=f'Message {number} from Python')
        return message.sid, None
    except TwilioRestException as error:
        return None, f'{error.status} {error.code}'
    except Exception as error:
        return None, type(error).__name__


with ThreadPoolExecutor(threads) as pool:
    results = list(pool.map(send, range(messages)))

page_size = max(1, messages // 3)
listed = [message.body for message in client.messages.stream(page_size=page_size)]
print(json.dumps({
    'sent': sum(sid is not None for sid, _ in results),
    'distinct': len({sid for sid, _ in results if sid is not None}),
    'errors': sorted({error for _, error in results if error is not None}),
    'listed': len(listed),
    'listedDistinct': len(set(listed)),
}))
