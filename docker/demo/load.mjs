/** Load for the demo: the Twilio SDK, unmodified but for its base URL, in bursts, until it is stopped. */
import twilio from 'twilio'

/** Calls that the application keeps open in a burst, and between two bursts. */
const BURST = 300
const CALM = 20
const BURST_MS = 40_000
const CALM_MS = 20_000
const REPORT_EVERY_MS = 10_000

if (!process.env.GOVERNOR_UPSTREAM) {
  console.error('The proxy would send to the real Twilio. Start the demo with --env-file docker/demo/demo.env')
  process.exit(1)
}

const client = twilio(`AC${'0'.repeat(32)}`, 'demo')
client.api.baseUrl = process.env.TWILIO_BASE_URL

const counts = { sent: 0, failed: 0, seen429: 0 }
let number = 0

async function send () {
  try {
    await client.messages.create({ from: '+15005550006', to: '+15005550001', body: `Message ${++number}` })
    counts.sent++
  } catch (error) {
    counts.failed++
    if (error.status === 429) counts.seen429++
    // A broken proxy is not to be hammered.
    await new Promise((resolve) => { setTimeout(resolve, 1000) })
  }
}

async function sendUntil (untilMs, calls) {
  await Promise.all(Array.from({ length: calls }, async () => {
    while (Date.now() < untilMs) await send()
  }))
}

setInterval(() => console.log(JSON.stringify(counts)), REPORT_EVERY_MS)

while (true) {
  await sendUntil(Date.now() + BURST_MS, BURST)
  await sendUntil(Date.now() + CALM_MS, CALM)
}
