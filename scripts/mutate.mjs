/** Makes the mutants of a source: each a small change, behind a switch that is off. */
import { parseAst } from 'rolldown/parseAst'

const BINARY = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
}
const LOGICAL = { '&&': ['||'], '||': ['&&'], '??': [] }
const MATH = { min: 'max', max: 'min', floor: 'ceil', ceil: 'floor' }
/** Types and declarations: nothing in them is run. */
const SKIPPED = /^(TS|Import|ExportAll)/
/** What is said and not done: a message for people is not worth a mutant. */
const SAYING = /^(OperatorError|RangeError|TypeError|Error|notFound|conflict|invalid|unavailable|unauthorized)$/

/** @returns the source with all its mutants, and what each of them changes */
export function instrument(source, name) {
  const mutants = []
  const edits = []
  const text = (node) => source.slice(node.start, node.end)
  const add = (node, replacement) => {
    const id = mutants.length
    const line = source.slice(0, node.start).split('\n').length
    mutants.push({ id, line, text: `${short(text(node))}  ->  ${short(replacement)}` })
    return { test: `__mutant('${name}#${id}')`, replacement }
  }

  const visit = (node, parent, field) => {
    if (node === null || typeof node !== 'object') return
    if (Array.isArray(node)) {
      for (const one of node) visit(one, parent, field)
      return
    }
    if (typeof node.type !== 'string' || SKIPPED.test(node.type)) {
      // `x as T`, `x!` and `x satisfies T` are run as x is.
      if (/^TS(As|NonNull|Satisfies)/.test(node.type ?? '')) visit(node.expression, node, 'expression')
      return
    }
    if (/^(New|Call)Expression$/.test(node.type) && SAYING.test(node.callee?.name ?? '')) return
    if (node.type === 'Decorator') return
    const choices = choicesOf(node, parent, field, text, add)
    if (choices.length > 0) edits.push({ start: node.start, end: node.end, choices, statement: isStatement(node) })
    for (const [key, child] of Object.entries(node))
      if (key !== 'typeAnnotation' && key !== 'returnType') visit(child, node, key)
  }
  visit(parseAst(source, { lang: 'ts' }).body, null, '')
  return { code: apply(source, edits), mutants }
}

function choicesOf(node, parent, field, text, add) {
  switch (node.type) {
    case 'BinaryExpression':
      return (BINARY[node.operator] ?? [])
        .filter(() => !isText(node))
        .map((operator) => add(node, `((${text(node.left)}) ${operator} (${text(node.right)}))`))
    case 'LogicalExpression':
      return (LOGICAL[node.operator] ?? []).map((operator) =>
        add(node, `((${text(node.left)}) ${operator} (${text(node.right)}))`),
      )
    case 'ConditionalExpression':
      return [add(node, `(${text(node.consequent)})`), add(node, `(${text(node.alternate)})`)].slice(0, 2)
    case 'UnaryExpression':
      return node.operator === '!' ? [add(node, `(${text(node.argument)})`)] : []
    case 'Literal':
      if (node.value === true || node.value === false)
        return field === 'key' || parent?.type?.startsWith('TS') ? [] : [add(node, `${!node.value}`)]
      return []
    case 'CallExpression':
      return mathOf(node, text, add)
    case 'IfStatement':
      return [add(node.test, 'if true'), add(node.test, 'if false')].map((choice, i) => ({
        ...choice,
        test: choice.test,
        ifTest: i === 0,
      }))
    case 'ExpressionStatement':
      return node.directive || node.expression.type === 'YieldExpression'
        ? []
        : [{ ...add(node, 'nothing'), nothing: true }]
    default:
      return []
  }
}

function mathOf(node, text, add) {
  const { callee } = node
  if (callee.type !== 'MemberExpression' || callee.object.name !== 'Math') return []
  const other = MATH[callee.property.name]
  return other === undefined ? [] : [add(node, text(node).replace(`Math.${callee.property.name}`, `Math.${other}`))]
}

/** Texts are joined by `+`, and are not numbers. */
function isText(node) {
  return (
    node.operator === '+' &&
    [node.left, node.right].some((side) => side.type === 'TemplateLiteral' || typeof side.value === 'string')
  )
}

function isStatement(node) {
  return node.type === 'IfStatement' || node.type === 'ExpressionStatement'
}

/** Inner edits first, so that a mutant's own text stays the original's. */
function apply(source, edits) {
  const inserts = []
  for (const { start, end, choices, statement } of edits) {
    for (const choice of choices) {
      if (choice.nothing) inserts.push([start, 2, `{if (!${choice.test}) {`], [end, -2, '}}'])
      else if ('ifTest' in choice) continue
      else inserts.push([start, 1, `(${choice.test} ? ${choice.replacement} : `], [end, -1, ')'])
    }
    const tests = choices.filter((choice) => 'ifTest' in choice)
    if (statement && tests.length > 0) {
      // The test of an `if` begins after its bracket and ends with it.
      const open = source.indexOf('(', start) + 1
      const on = tests.find(({ ifTest }) => ifTest)
      const off = tests.find(({ ifTest }) => !ifTest)
      const close = closing(source, open)
      inserts.push([open, 3, `${on.test} || (!${off.test} && (`], [close, -3, '))'])
    }
  }
  // At one place the outer opens first and closes last.
  const sized = inserts.map(([at, order, text], i) => ({ at, order, text, i }))
  sized.sort((a, b) => a.at - b.at || (a.order < 0 ? (b.order < 0 ? b.i - a.i : -1) : b.order < 0 ? 1 : a.i - b.i))
  let out = ''
  let last = 0
  for (const { at, text } of sized) {
    out += source.slice(last, at) + text
    last = at
  }
  return out + source.slice(last)
}

function closing(source, open) {
  let depth = 1
  let quote = ''
  for (let at = open; at < source.length; at++) {
    const c = source[at]
    if (quote !== '') {
      if (c === '\\') at++
      else if (c === quote) quote = ''
    } else if (c === "'" || c === '"' || c === '`') quote = c
    else if (c === '(') depth++
    else if (c === ')' && --depth === 0) return at
  }
  throw new Error('a bracket is not closed')
}

function short(text) {
  const line = text.replace(/\s+/g, ' ')
  return line.length > 90 ? `${line.slice(0, 87)}...` : line
}
