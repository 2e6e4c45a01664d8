// What predictions are compared to: a bare Fastify route that parses the same body and answers the same bytes.
import { readFileSync } from 'node:fs'
import Fastify from 'fastify'

const [answerFile] = process.argv.slice(2)
if (answerFile === undefined) throw new Error('usage: bare.mjs ANSWER_FILE')
const answer = readFileSync(answerFile, 'utf8')

const app = Fastify({ logger: false })
app.post('/ml/predict', (request, reply) => {
  if (typeof request.body !== 'object') return reply.status(400).send()
  return reply.type('application/json; charset=utf-8').send(answer)
})
const url = await app.listen({ host: '127.0.0.1', port: 0 })
console.log(url)
process.on('SIGTERM', () => {
  void app.close().then(() => process.exit(0))
})
