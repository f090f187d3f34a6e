/*
 * Several nodes on one machine without containers, behind an nginx with nodes.conf of this folder. One process for each, in PM2's fork
 * mode: its cluster mode would have all of them listen on one port, and the WebSocket of a seat would come to any of them instead of the
 * one that has the room.
 *
 *   KAIJIANG_HOST      by which clients reach nginx; without it draw.example.com
 *   KAIJIANG_SETTINGS  file of NAME=value lines, mode 600; without it /etc/kaijiang/settings.env. Read by each node itself, so that PM2,
 *                      which writes what it knows to ~/.pm2, has no secret.
 *   KAIJIANG_TRIAL     on: nodes with the diners of the demo and one login code for all, on a database of their own (../README.md, PM2).
 */
const NODES = 3;
const FIRST_PORT = 2567;
const FIRST_METRICS_PORT = 9464;
const root = `${__dirname}/../..`;
const {
  KAIJIANG_HOST: host = 'draw.example.com',
  KAIJIANG_SETTINGS: settings = '/etc/kaijiang/settings.env',
  KAIJIANG_TRIAL: trial = 'off',
} = process.env;

module.exports = {
  apps: Array.from({ length: NODES }, (_, at) => ({
    name: `kaijiang-${at + 1}`,
    cwd: root,
    script: 'dist/src/index.js',
    // The pinned runtime, whatever PM2 itself runs on.
    interpreter: `${root}/node_modules/node/bin/node`,
    interpreter_args: `--env-file=${settings}`,
    exec_mode: 'fork',
    instances: 1,
    // The whole of a node's end (../README.md, Roll); PM2 kills what takes longer.
    kill_timeout: 45_000,
    // One signal, to the node alone.
    treekill: false,
    // A setting that is wrong stays wrong: after ten starts that end within 10 s it is left alone, `errored`.
    min_uptime: 10_000,
    max_restarts: 10,
    exp_backoff_restart_delay: 500,
    max_memory_restart: '1G',
    // Each line of the log is JSON with its time.
    merge_logs: true,
    env: {
      NODE_ENV: trial === 'on' ? 'development' : 'production',
      HOST: '127.0.0.1',
      PORT: String(FIRST_PORT + at),
      PUBLIC_ADDRESS: `${host}/node${at + 1}`,
      TRUSTED_PROXIES: '127.0.0.1',
      METRICS_PORT: String(FIRST_METRICS_PORT + at),
    },
  })),
};
