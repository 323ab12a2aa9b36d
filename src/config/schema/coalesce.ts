import { section } from './section.ts'

export const coalesce = section('Reads that need not be asked for twice.', {
  inFlight: {
    type: 'boolean',
    default: false,
    description: 'Whether identical GETs (account, credential, URL, class, Accept headers) that are on their way at once share one call to Twilio; false sends each.'
  }
})
