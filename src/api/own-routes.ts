/** Where the commands about a user's own columns stand on the wire. */
import type { CommandKind } from '../control/commands.ts'
import type { CommandRoute } from './command-route.ts'
import { DeclareFields, OutcomesFields, PushFeaturesFields } from './own-fields.ts'
import { DeclaredShape, OutcomesShape, OwnValuesShape } from './shapes/shape-own.ts'

type OwnKind = Extract<CommandKind, 'declareFeatures' | 'pushFeatures' | 'pushOutcomes'>

export const OWN_ROUTES: { readonly [K in OwnKind]: CommandRoute<K> } = {
  declareFeatures: {
    method: 'POST',
    path: '/features',
    summary: 'Declare columns of your own: rows from now on have them',
    fields: DeclareFields,
    answer: DeclaredShape,
  },
  pushFeatures: {
    method: 'POST',
    path: '/feed/features',
    summary: 'Values of columns of your own; idempotent by ts_ms and name, the first value stays',
    fields: PushFeaturesFields,
    answer: OwnValuesShape,
    large: true,
  },
  pushOutcomes: {
    method: 'POST',
    path: '/outcomes',
    summary: 'What came of minutes, where you bring the labels; idempotent by ts_ms',
    fields: OutcomesFields,
    answer: OutcomesShape,
    large: true,
  },
}
