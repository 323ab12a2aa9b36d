// Twilio's SDK for Node as applications have it, on a machine where no name of Twilio's resolves. Prints what it listed.
import dns from 'node:dns'
import twilio from 'twilio'

dns.lookup = (host, options, done) => { (done ?? options)(Object.assign(new Error(`no ${host} here`), { code: 'ENOTFOUND' })) }

const [accountSid, product, baseUrl] = process.argv.slice(2)
const client = twilio(accountSid, 'secret', { timeout: 5000 })
if (baseUrl !== undefined) client[product].baseUrl = baseUrl
const list = product === 'verify' ? client.verify.v2.services : client.messages
console.log((await list.list({ pageSize: 2 })).length)
