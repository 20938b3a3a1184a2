// nginx before the nodes: takes turns, goes to the other node when one does not answer, and serves the tests' own pages.

import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import { Service } from "./service.ts"

export type NginxOptions = { directory: string; port: number; nodes: readonly number[]; site: string }

export function startNginx({ directory, port, nodes, site }: NginxOptions): Promise<Service> {
  const prefix = prefixOf(directory, port)
  mkdirSync(prefix)
  const config = join(prefix, "nginx.conf")
  writeFileSync(config, configuration(prefix, port, nodes, site))
  return Service.start({ command: "nginx", args: ["-p", prefix, "-c", config], ready: /using the ".*" event method/ })
}

/** Where each request is noted: status, bytes of the body, seconds, method, URI. */
export function accessLog(directory: string, port: number): string {
  return join(prefixOf(directory, port), "access.log")
}

function prefixOf(directory: string, port: number): string {
  return join(directory, `nginx-${port}`)
}

function configuration(prefix: string, port: number, nodes: readonly number[], site: string): string {
  return `
    ${process.getuid?.() === 0 ? "user root;" : ""}
    daemon off;
    master_process off;
    pid ${prefix}/pid;
    error_log stderr notice;
    events { worker_connections 4096; }
    http {
      log_format plain "$status $body_bytes_sent $request_time $request_method $request_uri";
      access_log ${prefix}/access.log plain;
      client_body_temp_path ${prefix}/body;
      proxy_temp_path ${prefix}/proxy;
      fastcgi_temp_path ${prefix}/fastcgi;
      uwsgi_temp_path ${prefix}/uwsgi;
      scgi_temp_path ${prefix}/scgi;
      types { text/html html; text/javascript js mjs; application/json map; }
      map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
      upstream rails {
        ${nodes.map(node => `server 127.0.0.1:${node} max_fails=1 fail_timeout=1s;`).join("\n        ")}
      }
      server {
        listen 127.0.0.1:${port};
        root ${site};
        add_header Cache-Control no-cache;
        location / { try_files $uri @rails; }
        location @rails {
          proxy_pass http://rails;
          proxy_http_version 1.1;
          proxy_set_header Host $http_host;
          proxy_set_header Upgrade $http_upgrade;
          proxy_set_header Connection $connection_upgrade;
          proxy_read_timeout 1h;
        }
      }
    }
  `
}
