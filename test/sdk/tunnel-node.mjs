// Twilio's SDK for Node as applications have it: nothing here knows of a proxy. Prints what it saw as JSON.
const [accountSid, messages, sdk = 'twilio'] = process.argv.slice(2)
const { default: twilio } = await import(sdk)
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

// The SDK has no call for media; the HTTP client that it uses itself has its agent, and so its proxy.
const [recording] = await client.recordings.list({ limit: 1 })
const { data: media } = await client.httpClient.axios.get(`${recording.mediaUrl}.mp3`, {
  responseType: 'stream', proxy: false, auth: { username: accountSid, password: 'secret' }
})
let mediaBytes = 0
for await (const chunk of media) mediaBytes += chunk.length

console.log(JSON.stringify({
  created: created.length, fetched: fetched === created[0], listed, services: services.length, servicesListed, removed, mediaBytes
}))
