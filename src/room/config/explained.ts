import * as z from 'zod'
import { Config } from './config.ts'

/** A field of the configuration: `gates.auc`. */
interface ExplainedField {
  readonly field: string
  readonly default: unknown
  readonly about: string
}

/** Every field in the order of the schema, with its default and what it does; notifications have a page of their own. */
export function explainedFields(): readonly ExplainedField[] {
  return Object.entries(Config.shape).flatMap(([group, schema]) =>
    Object.entries(shapeOf(schema)).map(([name, field]) => ({
      field: `${group}.${name}`,
      default: field.safeParse(undefined).data ?? null,
      about: field.description ?? '',
    })),
  )
}

function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  if (schema instanceof z.ZodPrefault) return shapeOf(schema.unwrap() as z.ZodType)
  return schema instanceof z.ZodObject ? schema.shape : {}
}
