/** An application that uses the proxy: the base URL is all it knows of it, if that. */
import twilio from 'twilio'

const { TWILIO_BASE_URL, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN } = process.env

if (!TWILIO_ACCOUNT_SID || !TWILIO_AUTH_TOKEN) {
  console.error('Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN: the proxy passes them on and keeps neither.')
  process.exit(1)
}

const client = twilio(TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN)
// Without one it calls Twilio's own hosts, and HTTP_PROXY leads to the proxy.
if (TWILIO_BASE_URL) client.api.baseUrl = TWILIO_BASE_URL

for (const { sid, status, dateCreated } of await client.messages.list({ limit: 5 })) {
  console.log(sid, status, dateCreated.toISOString())
}
