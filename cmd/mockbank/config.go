package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/mockbank/mockbank/internal/control"
	"github.com/mockbank/mockbank/internal/strictyaml"
)

// defaultConfig is read when it is there.
const defaultConfig = "mockbank.yaml"

// configFile is mockbank.yaml: the flags of serve under their own names, and what workspaces begin with.
// A flag wins over the environment, and the environment over this file. In its texts ${NAME} stands for a variable of
// the environment, so that secrets need not be written into it.
type configFile struct {
	name string // of the file, and what stands in it
	data []byte

	Listen        []string `yaml:"listen"`
	TLS           []string `yaml:"tls"`
	CA            string   `yaml:"ca"`
	Data          string   `yaml:"data"`
	Clock         string   `yaml:"clock"`
	Seed          *uint64  `yaml:"seed"`
	Scenarios     string   `yaml:"scenarios"`
	PublicURL     string   `yaml:"public-url"`
	MaxWorkspaces *int     `yaml:"max-workspaces"`
	JournalSize   string   `yaml:"journal-size"`
	JournalTotal  string   `yaml:"journal-total"`
	AcceptAny     *bool    `yaml:"accept-any-credentials"`
	ControlToken  string   `yaml:"control-token"`
	ControlOpen   *bool    `yaml:"control-open"`
	Host          []string `yaml:"host"`
	Log           string   `yaml:"log"`
	LogLevel      string   `yaml:"log-level"`

	Workspaces map[string]struct {
		Settings map[string]map[string]any `yaml:"settings"`
	} `yaml:"workspaces"`
}

// findConfig reads the file that --config or MOCKBANK_CONFIG names, or the default one where it is there. It
// comes before the flags are parsed, since it says what they are when they are not given.
func findConfig(args []string) (*configFile, error) {
	name, named := configName(args)
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return &configFile{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the configuration file can not be read: %w", err)
	}
	c := configFile{name: name, data: data}
	if err := strictyaml.UnmarshalExpanded(name, data, &c, os.LookupEnv); err != nil {
		return nil, fmt.Errorf("the configuration file is broken: %w", err)
	}
	return &c, nil
}

func configName(args []string) (name string, named bool) {
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--config="); ok {
			return value, true
		}
		if arg == "--config" && i+1 < len(args) {
			return args[i+1], true
		}
	}
	if value := os.Getenv("MOCKBANK_CONFIG"); value != "" {
		return value, true
	}
	return defaultConfig, false
}

// Validate is part of kong.Resolver; the file was validated when it was read.
func (c *configFile) Validate(*kong.Application) error { return nil }

// Resolve gives a flag its value from the file, unless the environment has one.
func (c *configFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Envs {
		if _, ok := os.LookupEnv(env); ok {
			return nil, nil
		}
	}
	switch flag.Name {
	case "listen":
		return joined(c.Listen), nil
	case "host":
		return joined(c.Host), nil
	case "tls":
		return joined(c.TLS), nil
	case "ca":
		return text(c.CA), nil
	case "data":
		return text(c.Data), nil
	case "clock":
		return text(c.Clock), nil
	case "scenarios":
		return text(c.Scenarios), nil
	case "public-url":
		return text(c.PublicURL), nil
	case "control-token":
		return text(c.ControlToken), nil
	case "log":
		return text(c.Log), nil
	case "log-level":
		return text(c.LogLevel), nil
	case "seed":
		return given(c.Seed), nil
	case "max-workspaces":
		return given(c.MaxWorkspaces), nil
	case "journal-size":
		return text(c.JournalSize), nil
	case "journal-total":
		return text(c.JournalTotal), nil
	case "accept-any-credentials":
		return given(c.AcceptAny), nil
	case "control-open":
		return given(c.ControlOpen), nil
	}
	return nil, nil
}

// What the file does not say is nil, an untyped one: kong asks no further then.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func joined(list []string) any { return text(strings.Join(list, ",")) }

func given[T any](v *T) any {
	if v == nil {
		return nil
	}
	return fmt.Sprint(*v)
}

// placed says where in the file a setting stands that was found wrong when it was put into force.
func (c *configFile) placed(err error) error {
	var wrong *control.SettingError
	if !errors.As(err, &wrong) {
		return err
	}
	path := []string{"workspaces", wrong.Workspace}
	for segment := range strings.SplitSeq(strings.Trim(wrong.Pointer, "/"), "/") {
		path = append(path, strings.NewReplacer("~1", "/", "~0", "~").Replace(segment))
	}
	line, column := strictyaml.Place(c.data, path...)
	return fmt.Errorf("%s:%d:%d: %w", c.name, line, column, err)
}

// settings is what the file says of workspaces: by workspace, then by provider.
func (c *configFile) settings() map[string]map[string]map[string]any {
	all := map[string]map[string]map[string]any{}
	for name, workspace := range c.Workspaces {
		all[name] = workspace.Settings
	}
	return all
}
