// Azurite, but as durable as Azure: it answers a write only once what it knows
// of the blob is in its files. By itself it saves that every 5 s, so that a
// kill -9 takes back what it had acknowledged.
"use strict";

const http = require("node:http");
const Loki = require("lokijs");

const databases = [];

class Durable extends Loki {
  constructor(...options) {
    super(...options);
    databases.push(this);
  }
}
require.cache[require.resolve("lokijs")].exports = Durable;

const end = http.ServerResponse.prototype.end;
http.ServerResponse.prototype.end = function (...body) {
  if (["GET", "HEAD"].includes(this.req.method)) return end.apply(this, body);
  const saved = databases.map((database) => new Promise((done) => database.saveDatabase(done)));
  Promise.all(saved).then(() => end.apply(this, body));
  return this;
};

require("azurite/dist/src/blob/main.js");
