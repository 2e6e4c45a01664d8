/** Which files of a chain belong into the bundle of a version. */
import { DAY_MS, floorTo, isoDate, type UnixMs } from '../../engine/kernel/units.ts'
import { PRUNED } from '../audit.ts'
import { HEAD_PREFIX } from '../signature.ts'
import { type ChainStory, type FileWord, modelKey, type StoryStep } from './chain-story.ts'

/** A version as its registration has it, and how its files are named. */
export interface Release {
  readonly symbol: string
  readonly version: string
  /** Of its weights. */
  readonly sha256: string
  readonly registered: StoryStep
  /** What its evidence and its artifacts begin with: a room's further symbols have folders of their own. */
  readonly folder: string
  readonly artifacts: string
}

/** Names without a version: copies of what was made newest, of whichever version. */
const COPY = /^(canary_preflight|canary_dryrun_observe)\.json$/
const DAILY = /daily\/(?:report|head)_(\d{4}-\d{2}-\d{2})\.(?:json|csv)$/

/** Every registration of a version under a name, one a symbol. */
export function releasesOf(story: ChainStory, version: string): readonly Release[] {
  return story.steps.flatMap((registered) => {
    const { kind, symbol, of, said } = registered
    if (kind !== 'registration' || of !== version || said.model_sha256 === undefined) return []
    const sha256 = said.model_sha256
    const isFirst = story.files
      .get(`ml-artifacts/${version}/model_weights_${version}.json`)
      ?.models.has(modelKey(version, sha256))
    const within = isFirst === true ? '' : `${symbol}/`
    return [
      { symbol, version, sha256, registered, folder: `ml/${within}`, artifacts: `ml-artifacts/${within}${version}/` },
    ]
  })
}

/** The newest word on each file that is about a version, and what there was once and is not in its bundle. */
export function releaseFiles(
  story: ChainStory,
  release: Release,
): { readonly words: readonly FileWord[]; readonly gone: readonly string[] } {
  const words: FileWord[] = []
  const gone: string[] = []
  const untilMs = retiredMs(story, release)
  for (const word of story.files.values()) {
    const { subject, kind } = word.entry
    if (!isOurs(subject, release) || isCopy(story, subject, release)) continue
    const wasAbout =
      word.models.has(modelKey(release.version, release.sha256)) || word.models.has(modelKey(undefined, release.sha256))
    if (kind === PRUNED) {
      if (wasAbout) gone.push(`${subject}: removed by retention`)
    } else if (isAbout(word, release) || isDaily(subject, release, untilMs)) words.push(word)
    else if (wasAbout) gone.push(`${subject}: written again since, for another model`)
  }
  return { words, gone: gone.sort() }
}

/** Whether a file is the symbol's: another symbol may have a model of the same name. */
function isOurs(subject: string, { folder, artifacts }: Release): boolean {
  if (subject.startsWith(HEAD_PREFIX) || subject.startsWith(artifacts)) return true
  const name = subject.startsWith(folder) ? subject.slice(folder.length) : null
  return name !== null && (!name.includes('/') || name.startsWith('daily/'))
}

/** Whether the version has the file under a name of its own: rooms of earlier versions wrote no other. */
function isCopy({ files }: ChainStory, subject: string, { folder, version }: Release): boolean {
  const [, name] = COPY.exec(subject.slice(folder.length)) ?? []
  return name !== undefined && files.has(`${folder}${name}_${version}.json`)
}

function isAbout({ model, modelSha256 }: FileWord, { version, sha256 }: Release): boolean {
  return modelSha256 === sha256 && (model === undefined || model === version)
}

/** Reports, and heads of the chain, of the days since it was registered, up to the one on which it was retired. */
function isDaily(subject: string, { folder, registered }: Release, untilMs: UnixMs): boolean {
  const date = DAILY.exec(subject)?.[1]
  if (date === undefined) return false
  const own = subject.startsWith(HEAD_PREFIX) || subject.startsWith(`${folder}daily/`)
  return own && date >= isoDate(registered.atMs) && Date.parse(date) < floorTo(untilMs, DAY_MS) + DAY_MS
}

function retiredMs(story: ChainStory, { symbol, version }: Release): UnixMs {
  const retired = story.steps.findLast(
    (step) => step.kind === 'rollback' && step.symbol === symbol && step.said.retired === version,
  )
  return retired?.atMs ?? Number.POSITIVE_INFINITY
}
