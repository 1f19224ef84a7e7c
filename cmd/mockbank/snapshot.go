package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
)

// snapshotCmd keeps a workspace in a file, and brings it back.
type snapshotCmd struct {
	Save snapshotSaveCmd `cmd:"" help:"Write a workspace whole to a file. It holds secrets: keep it as you keep them."`
	Load snapshotLoadCmd `cmd:"" help:"Put a file in the place of all that a workspace holds."`
}

// standard is the file name that means the terminal's streams.
const standard = "-"

type snapshotSaveCmd struct {
	remote
	File string `arg:"" help:"File to write, or - for the output."`
}

func (cmd *snapshotSaveCmd) Run(ctx context.Context, t *terminal) error {
	data, err := cmd.get(ctx, cmd.inWorkspace("snapshot")...)
	if err != nil {
		return err
	}
	if cmd.File == standard {
		_, err := t.out.Write(data)
		return err
	}
	return replaceFile(cmd.File, data)
}

// replaceFile writes a file whole or not at all, for the eyes of its owner.
func replaceFile(name string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".mockbank-*")
	if err != nil {
		return fmt.Errorf("the file can not be written: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // What is left of it helps nobody.
		}
	}()
	if _, err := f.Write(data); err != nil {
		return errors.Join(fmt.Errorf("the file can not be written: %w", err), f.Close())
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("the file can not be written: %w", err)
	}
	return os.Rename(f.Name(), name)
}

type snapshotLoadCmd struct {
	remote
	File string `arg:"" help:"File that snapshot save wrote, or - for the input."`
}

func (cmd *snapshotLoadCmd) Run(ctx context.Context, t *terminal) error {
	document, err := readDocument(cmd.File)
	if err != nil {
		return err
	}
	data, err := cmd.call(ctx, http.MethodPut, cmd.inWorkspace("snapshot"), nil, document)
	if err != nil {
		return err
	}
	return show(t, &cmd.remote, data, func(w io.Writer, ws workspaceReply) { ws.table(w) })
}

func readDocument(name string) (verbatim, error) {
	if name == standard {
		return io.ReadAll(os.Stdin)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("the snapshot can not be read: %w", err)
	}
	return data, nil
}
