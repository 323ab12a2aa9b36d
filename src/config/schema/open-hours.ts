import { shape } from './section.ts'

const time = {
  pattern: '^(?:[01][0-9]|2[0-3]):[0-5][0-9]$',
  patternErrorMessage: 'must be a time of day from 00:00 to 23:59, with two digits for the hour'
} as const

/** When a rule is open; open while any of the list is. */
export const openHours = {
  type: 'array',
  items: shape('One span of open hours.', {
    days: {
      type: 'array',
      items: { type: 'string', enum: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] },
      minItems: 1,
      description: 'Days on which it opens. If left out: every day.'
    },
    from: { type: 'string', ...time, description: 'When it opens, by the clock of the time zone.' },
    to: {
      type: 'string',
      ...time,
      description: 'When it closes. A time that is not later than from is on the next day. If from and to are equal, it is open for a whole day.'
    },
    timeZone: {
      type: 'string',
      pattern: '^[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*$',
      patternErrorMessage: 'must be a time zone as the IANA database names it, such as Europe/Berlin',
      description: 'Time zone as the IANA database names it, such as Europe/Berlin. The open hours follow its clock changes.'
    }
  }, 'from', 'to', 'timeZone'),
  minItems: 1,
  description: 'When the rule is open: a list of {days, from, to, timeZone}. It is open in each of them.'
} as const
