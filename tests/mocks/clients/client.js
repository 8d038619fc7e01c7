// One GET for each line read, a new connection each time, resuming the TLS session of the one before.
// Says "200", with "resumed" when the session was; or the error's code.
const fs = require("fs");
const https = require("https");
const readline = require("readline");

const [address, authority] = process.argv.slice(2);
const agent = new https.Agent({ keepAlive: false, maxCachedSessions: 10, ca: fs.readFileSync(authority) });

function call() {
  return new Promise((resolve) => {
    const request = https.get(address, { agent, timeout: 10000 }, (response) => {
      const resumed = response.socket.isSessionReused() ? " resumed" : "";
      response.resume();
      response.on("close", () => resolve(response.statusCode + resumed));
    });
    request.on("error", (error) => resolve(error.code || error.message));
  });
}

(async () => {
  for await (const _ of readline.createInterface({ input: process.stdin })) {
    console.log(await call());
  }
})();
