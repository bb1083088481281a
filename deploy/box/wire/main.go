// The wire server: MongoDB's protocol on the DocumentDB extension of the box's PostgreSQL.
//
// FerretDB is used as a library since its own command, built as a module, panics for want of a version file.
// As a library it asks no password of its clients: it must listen on loopback only.
package main

import (
	"context"
	"flag"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/v2/ferretdb"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:27017", "address to listen on")
	state := flag.String("state", "/data/wire", "folder for the server's own state")
	postgres := flag.String("postgres", "", "URL of the PostgreSQL with the documentdb extension")
	flag.Parse()

	noTelemetry := false
	server, err := ferretdb.New(&ferretdb.Config{
		PostgreSQLURL: *postgres,
		ListenAddr:    *listen,
		StateDir:      *state,
		LogLevel:      slog.LevelWarn,
		LogOutput:     os.Stderr,
		Telemetry:     &noTelemetry,
	})
	if err != nil {
		log.Fatal(err)
	}

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	server.Run(ctx)
}
