// A network of the AT Protocol on this machine: directory, server (PDS) and app view of Bluesky, on free ports.
import { createRequire } from 'module'
const { TestNetwork, mockMailer } = createRequire(import.meta.url)('@atproto/dev-env')

const free = () => new Promise((resolve) => {
  const socket = createRequire(import.meta.url)('net').createServer()
  socket.listen(0, '127.0.0.1', () => { const { port } = socket.address(); socket.close(() => resolve(port)) })
})
const pdsPort = await free(), bskyPort = await free()
const network = await TestNetwork.create({
  pds: { port: pdsPort, hostname: 'localhost', enableDidDocWithSession: true },
  bsky: { port: bskyPort, publicUrl: `http://localhost:${bskyPort}`, dbPostgresSchema: 'bsky' },
})
mockMailer(network.pds)
console.log(`READY ${JSON.stringify({ pds: network.pds.url, plc: network.plc.url })}`)
process.on('SIGTERM', async () => { await network.close(); process.exit(0) })
process.stdin.resume()
process.stdin.on('end', () => process.exit(0)) // the tests are gone
