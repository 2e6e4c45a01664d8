const HIDDEN = '[hidden]'
/** Shorter pieces of an address stand in too many innocent texts to be struck out of them. */
const MIN_PIECE = 8

/** What must not be seen: it prints, serialises and inspects as `[hidden]`, and gives itself out only when it is asked to. */
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
 * An address whose path, query, name or password may open something; it is struck out whole and in its telling pieces.
 * @throws TypeError when it is no address
 */
export function secretAddress(value: string): Secret {
  const url = new URL(value)
  const path = `${url.pathname}${url.search}`
  const pieces = [...url.pathname.split('/'), ...url.searchParams.values(), url.hash.slice(1)]
  hide([value, url.href, ...(path.length >= MIN_PIECE ? [path] : []), ...pieces.filter((x) => x.length >= MIN_PIECE)])
  if (url.password !== '') hide([url.password, decodeURIComponent(url.password), basicOf(url)])
  // A name may be the whole secret: some services give out one a customer.
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
