import fc from 'fast-check'

// The same cases every time: a failure is a failure of the code, never of the day.
fc.configureGlobal({ seed: 20429 })

export { fc }
