// Twilio's SDK for Node as applications have it: nothing here knows of a proxy. Prints what it saw as JSON.
import twilio from 'twilio'

const [accountSid, messages] = process.argv.slice(2)
const client = twilio(accountSid, 'secret')
const text = { to: '+15550001111', from: '+15550002222', body: 'hello & more' }
const created = []
for (let i = 0; i < Number(messages); i++) created.push((await client.messages.create(text)).sid)
const fetched = (await client.messages(created[0]).fetch()).sid
const listed = (await client.messages.list({ pageSize: Math.ceil(created.length / 2) })).length
const services = []
for (let i = 0; i < 3; i++) services.push((await client.verify.v2.services.create({ friendlyName: `shop ${i}` })).sid)
const servicesListed = (await client.verify.v2.services.list({ pageSize: 2 })).length
const removed = await client.messages(created[0]).remove()
console.log(JSON.stringify({ created: created.length, fetched: fetched === created[0], listed, services: services.length, servicesListed, removed }))
