//go:build !race

package housetest

var buildFlags []string
