// A model server in a process of its own that lets its callers down as it is told: POST /manner with the manner's name.
import { createServer } from 'node:http'

let manner = 'good'

/** @param {import('node:http').ServerResponse} response @param {number} rows */
function answer(response, rows) {
  const scores = Array.from({ length: rows }, () => 0.5)
  switch (manner) {
    case 'hangs':
      return
    case 'errs':
      response.statusCode = 500
      response.end('{"error":"out of order"}')
      return
    case 'NaN':
      response.end(`{"outputs":[{"name":"score","data":[${scores.map(() => 'NaN').join()}]}]}`)
      return
    case 'garbage':
      response.end('<html>Bad gateway</html>')
      return
    case 'closes':
      response.destroy()
      return
    default:
      response.end(JSON.stringify({ outputs: [{ name: 'score', shape: [rows], datatype: 'FP64', data: scores }] }))
  }
}

const server = createServer(async (request, response) => {
  let body = ''
  for await (const part of request) body += part
  if (request.url === '/manner') {
    manner = body
    response.end()
    return
  }
  answer(response, JSON.parse(body).inputs[0].shape[0])
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`)
})
