// Twilio's SDK for Node as applications have it: nothing here knows of a proxy. Prints what it saw as JSON.
import { round } from './round-node.mjs'

const [accountSid, messages, sdk = 'twilio'] = process.argv.slice(2)
const { default: twilio } = await import(sdk)
const client = twilio(accountSid, 'secret')
const seen = await round(client, Number(messages))

// The SDK has no call for media; the HTTP client that it uses itself has its agent, and so its proxy.
const [recording] = await client.recordings.list({ limit: 1 })
const { data: media } = await client.httpClient.axios.get(`${recording.mediaUrl}.mp3`, {
  responseType: 'stream', proxy: false, auth: { username: accountSid, password: 'secret' }
})
let mediaBytes = 0
for await (const chunk of media) mediaBytes += chunk.length

console.log(JSON.stringify({ ...seen, mediaBytes }))
