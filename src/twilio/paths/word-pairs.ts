import { SDK_WORD_PAIRS } from '../sdk-names.ts'

/** Of what the Node SDK leaves out, from Twilio's documentation. */
const OTHER_PAIRS: readonly string[] = ['Emails Operations', 'Messages Operations', 'SMS Messages']

/**
 * Which of Twilio's path words come straight after which other one, as `IncomingPhoneNumbers Local`. After every other
 * word stands what somebody chose: a SID, a number, a name. So `Documents/Config` is a document of that name.
 */
export const WORD_PAIRS: readonly string[] = [...SDK_WORD_PAIRS, ...OTHER_PAIRS]
