// For mongosh, on the first member: makes the replica set, then its administrator and the user of Clockwork. What is there
// stays as it is, so that it may run at each start.
/* global db, rs, sleep, Mongo, print, require -- what mongosh has */
const { readFileSync } = require('node:fs');

const password = (name) => readFileSync(`${process.env.SECRETS}/${name}`, 'utf8').trim();

function isNotInitiated() {
  try {
    return db.hello().setName === undefined && db.hello().isreplicaset === true;
  } catch (error) {
    return error.codeName === 'NotYetInitialized';
  }
}

if (isNotInitiated()) {
  // The first is the one on which the users are made: it is to become the primary.
  const members = process.env.MEMBERS.split(',').map((host, _id) => ({ _id, host, priority: _id === 0 ? 2 : 1 }));
  // What a new primary might fetch from the old one no majority had, and Clockwork has acknowledged none of it.
  rs.initiate({ _id: 'rs0', members, settings: { catchUpTimeoutMillis: 2000 } });
}

const admin = db.getSiblingDB('admin');
const isMade = () => {
  try {
    return admin.auth('admin', password('mongo_admin_password')).ok === 1;
  } catch (error) {
    if (error.codeName !== 'AuthenticationFailed') throw error;
    return false;
  }
};

if (!isMade()) {
  for (let seconds = 0; !db.hello().isWritablePrimary; seconds += 1) {
    if (seconds === 60) throw new Error('this member has not become the primary for a minute: look at its log');
    sleep(1000);
  }
  admin.createUser({ user: 'admin', pwd: password('mongo_admin_password'), roles: ['root'] });
  admin.auth('admin', password('mongo_admin_password'));
}

// All else is written where the primary is.
const hosts = process.env.MEMBERS;
const credentials = `admin:${encodeURIComponent(password('mongo_admin_password'))}`;
const clockwork = new Mongo(`mongodb://${credentials}@${hosts}/?replicaSet=rs0&authSource=admin`).getDB('clockwork');
if (clockwork.getUser('clockwork') === null) {
  clockwork.createUser({
    user: 'clockwork',
    pwd: password('mongo_clockwork_password'),
    roles: [{ role: 'readWrite', db: 'clockwork' }],
  });
}
print('the replica set and its users are there');
