// Twilio's SDK for Node with Public Key Client Validation: it signs each request. Prints what came of one as JSON.
import { readFileSync } from 'node:fs'
import twilio from 'twilio'

const [accountSid, credentialSid, keyFile, baseUrl] = process.argv.slice(2)
const client = twilio(accountSid, 'secret', {
  validationClient: { accountSid, credentialSid, signingKey: `SK${'5'.repeat(32)}`, privateKey: readFileSync(keyFile, 'utf8') }
})
if (baseUrl !== undefined) client.api.baseUrl = baseUrl
try {
  const { status } = await client.messages.create({ to: '+15550001111', from: '+15550002222', body: 'signed & sent' })
  const listed = await client.messages.list({ pageSize: 20, to: '+15550001111' })
  console.log(JSON.stringify({ status, listed: listed.length }))
} catch ({ status, code }) {
  console.log(JSON.stringify({ status, code }))
}
