/** What an application does with Twilio's SDK for Node; counts what it saw. */
export async function round (client, messages) {
  const text = { to: '+15550001111', from: '+15550002222', body: 'hello & more' }
  const created = []
  for (let i = 0; i < messages; i++) created.push((await client.messages.create(text)).sid)
  const fetched = (await client.messages(created[0]).fetch()).sid
  const listed = (await client.messages.list({ pageSize: Math.ceil(created.length / 2) })).length
  const services = []
  for (let i = 0; i < 3; i++) services.push((await client.verify.v2.services.create({ friendlyName: `shop ${i}` })).sid)
  const servicesListed = (await client.verify.v2.services.list({ pageSize: 2 })).length
  const removed = await client.messages(created[0]).remove()
  return { created: created.length, fetched: fetched === created[0], listed, services: services.length, servicesListed, removed }
}
