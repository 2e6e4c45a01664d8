const HIDDEN = '[hidden]'
/** Shorter pieces of an address occur in too many harmless texts to be struck out of them. */
const MIN_PIECE = 8

/** What must not be seen: it prints, serialises and inspects as `[hidden]`, and is revealed only on request. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return HIDDEN
  }
}

/**
 * Every secret that this process has read, longest first. One list for the whole process, so that no place that writes a
 * text can have been forgotten when the secrets were handed out.
 */
let known: readonly string[] = []

/** A token or a key: struck out wherever `redact` is used. */
export function secretText(value: string): Secret {
  hide([value])
  return new Secret(value)
}

/**
 * An address whose path, query, name or password may open something; it is struck out whole and in every piece that would give it away.
 * @throws TypeError when it is not an address
 */
export function secretAddress(value: string): Secret {
  const url = new URL(value)
  const path = `${url.pathname}${url.search}`
  const pieces = [...url.pathname.split('/'), ...url.searchParams.values(), url.hash.slice(1)]
  hide([value, url.href, ...(path.length >= MIN_PIECE ? [path] : []), ...pieces.filter((x) => x.length >= MIN_PIECE)])
  if (url.password !== '') hide([url.password, decodeURIComponent(url.password), basicOf(url)])
  // A host name may be the secret: some services give each customer one of its own.
  if (/[a-z].*\./i.test(url.hostname)) hide([url.hostname])
  return new Secret(value)
}

/** The address without name and password, which fetch refuses in an address, and the header that carries them. */
export function splitLogin(address: string): { readonly url: string; readonly authorization: string | null } {
  const url = new URL(address)
  if (url.username === '' && url.password === '') return { url: url.href, authorization: null }
  const authorization = `Basic ${basicOf(url)}`
  url.username = ''
  url.password = ''
  return { url: url.href, authorization }
}

function basicOf(url: URL): string {
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return Buffer.from(login).toString('base64')
}

/** A text in which no secret of this process is left; for everything that is logged, stored, shown or answered. */
export function redact(text: string): string {
  return known.reduce((left, secret) => left.replaceAll(secret, HIDDEN), text)
}

function hide(values: readonly string[]): void {
  const forms = values.flatMap((value) => [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)])
  known = [...new Set([...known, ...forms])].filter((form) => form !== '').sort((a, b) => b.length - a.length)
}
