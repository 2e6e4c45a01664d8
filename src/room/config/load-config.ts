import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { builtInCatalogue } from '../../engine/features/catalogue.ts'
import { refusalOf } from '../../engine/features/own-columns.ts'
import { messageOf, OperatorError } from '../../engine/kernel/errors.ts'
import { isRecord } from '../../engine/kernel/json.ts'
import { misfitWords } from '../../control/misfit-words.ts'
import { planViews } from './canary-plans.ts'
import { Config, defaultConfig } from './config.ts'

export const CONFIG_FILE = 'onay.config.json'

/**
 * Reads the configuration once: the file named, else `onay.config.json` in the working directory, else the defaults.
 * @throws OperatorError naming each field that does not fit.
 */
export function loadConfig(path: string | undefined, cwd: string): Config {
  const file = resolve(cwd, path ?? CONFIG_FILE)
  if (path === undefined && !existsSync(file)) return defaultConfig()
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new OperatorError(
      `the configuration ${file} cannot be read`,
      withoutExcerpt(messageOf(error)),
      'correct it, or start without --config',
      'config',
    )
  }
  const parsed = Config.safeParse(value)
  if (parsed.success) {
    requirePlans(parsed.data, file)
    requireColumns(parsed.data, file)
    return parsed.data
  }
  throw new OperatorError(
    `the configuration ${file} does not fit`,
    misfitWords(parsed.error, 'the whole'),
    'see every field and its default with: onay config',
    'config',
  )
}

/** A plan that cannot run is told when it is written, and not on the day when it is needed. */
function requirePlans(config: Config, file: string): void {
  for (const { name, refused } of planViews(config))
    if (refused !== null)
      throw new OperatorError(
        `the configuration ${file} does not fit`,
        `canary.plans.${name}: ${refused}`,
        'see the plans that ship, full and mini, in docs/configuration.md',
        'config',
      )
}

/** As `onay features add` would say it. */
function requireColumns({ features }: Config, file: string): void {
  let catalogue = builtInCatalogue
  for (const { name, max_age_s: maxAgeSec, unit, about } of features.columns) {
    const column = { name, maxAgeMs: maxAgeSec * 1_000, unit, about }
    const refused = refusalOf(column, catalogue)
    if (refused !== null)
      throw new OperatorError(
        `the configuration ${file} does not fit`,
        `features.columns: ${name}: ${refused.why}`,
        refused.next,
        'config',
      )
    catalogue = catalogue.with([column], [])
  }
}

/** What the parser quotes of the file may be a secret. */
function withoutExcerpt(message: string): string {
  return message.replace(/,? (?:\.\.\.)?"[^]*"(?:\.\.\.)? is not valid JSON$/, ' is not valid JSON')
}

/** The configuration as it may be seen, in evidence and by people: every secret is hidden. */
export function shownConfig(config: Config): object {
  // A secret serialises hidden; canonical JSON refuses it as it is.
  const shown: unknown = JSON.parse(JSON.stringify(config))
  return isRecord(shown) ? shown : {}
}
