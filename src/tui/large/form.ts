import type { RetrainChoice } from '../../control/answers.ts'
import type { Profile } from '../../engine/models/roles.ts'
import { padText, wrapText } from '../cells.ts'
import { EMPTY_LINE, span, textLine, type Line } from '../line.ts'
import type { Page } from '../state.ts'
import { stillPage, type PageBlock } from './page.ts'

type Form = Extract<Page, { kind: 'form' }>

const NAME_CELLS = 18

const PROFILES: Readonly<Record<Profile, string>> = {
  equivalent: 'meant to agree with the model in charge: match and delta are limits',
  improve: 'meant to differ: settled outcomes take the place of match and delta',
}

function choiceLine(choice: RetrainChoice, chosen: boolean): Line {
  const mark = chosen ? '▸' : ' '
  const tone = chosen ? 'strong' : 'plain'
  return [
    span(` ${mark} ${padText(choice.features, NAME_CELLS)} ${padText(choice.version, NAME_CELLS)} `, tone),
    choice.refused === null ? span('can start') : span(`refused: ${choice.refused}`, 'warn'),
  ]
}

/** Which features to retrain on, under which profile. Choices that do not fit scroll with the chosen one. */
export function formPage(form: Form, width: number, height: number): PageBlock {
  const title = textLine(' RETRAIN', 'strong')
  if (form.choices === null)
    return stillPage([title, EMPTY_LINE, textLine(' asking the room what can be retrained ...')])
  if (form.choices.length === 0) return stillPage([title, EMPTY_LINE, textLine(' the room has nothing to retrain')])
  const room = Math.max(1, height - 10)
  const from = Math.max(0, Math.min(form.index - Math.floor(room / 2), form.choices.length - room))
  const choices = form.choices.slice(from, from + room)
  const refused = form.choices[form.index]?.refused ?? null
  const why = refused === null ? [] : wrapText(refused, width - 12, 2)
  const replaces = form.choices[form.index]?.replaces ?? null
  const loss = replaces === null ? [] : wrapText(replaces, width - 13, 2)
  return stillPage([
    title,
    EMPTY_LINE,
    textLine(`   ${padText('features', NAME_CELLS)} ${padText('becomes', NAME_CELLS)}`, 'dim'),
    ...choices.map((choice, i) => choiceLine(choice, from + i === form.index)),
    EMPTY_LINE,
    [span('   profile  '), span(form.profile, 'strong'), span(`: ${PROFILES[form.profile]}`)],
    ...loss.map((line, i) => textLine(`   ${i === 0 ? 'replaces ' : '         '} ${line}`, 'bad')),
    ...why.map((line, i) => textLine(`   ${i === 0 ? 'refused  ' : '         '}${line}`, 'warn')),
  ])
}
