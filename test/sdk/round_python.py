"""What an application does with Twilio's library for Python; counts what it saw."""


def go_round(client, messages):
    created = [client.messages.create(to='+15550001111', from_='+15550002222', body='hello & more').sid for _ in range(messages)]
    fetched = client.messages(created[0]).fetch().sid
    listed = len(client.messages.list(page_size=(len(created) + 1) // 2))
    services = [client.verify.v2.services.create(friendly_name='shop %d' % i).sid for i in range(3)]
    services_listed = len(client.verify.v2.services.list(page_size=2))
    removed = client.messages(created[0]).delete()
    return {
        'created': len(created), 'fetched': fetched == created[0], 'listed': listed, 'services': len(services),
        'servicesListed': services_listed, 'removed': removed
    }
