/** The package's version, put in when the program is built. */
declare const ONAY_VERSION: string | undefined

export const VERSION: string = typeof ONAY_VERSION === 'string' ? ONAY_VERSION : '0.0.0-source'
