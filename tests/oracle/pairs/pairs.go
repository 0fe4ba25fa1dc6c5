// Package pairs asks a Helm about two charts, thousands of times in one process: starting Helm takes far longer than rendering.
//
// Reads a line {"left": path, "right": path, "values": [yaml]} at a time and renders both packed charts with each values, as
// `helm template --include-crds` does. Answers a line: {"differs": "" or both, "failed": how many renderings were errors on
// both sides, "why": the last of those}.
package pairs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	kyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

type question struct {
	Left   string   `json:"left"`
	Right  string   `json:"right"`
	Values []string `json:"values"`
}

// Rendered is what one version of Helm made of a chart, pods of `helm test` apart.
type Rendered struct {
	// Texts of definitions and objects.
	CRDs, Manifests []string
	// Hooks: when and how each runs, and its text.
	Hooks [][2]string
}

// Render loads a packed chart and renders it.
type Render func(path string, values map[string]interface{}) (Rendered, error)

// Each document of a text as JSON.
func documents(text string) ([]string, error) {
	var found []string
	reader := kyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader([]byte(text))))
	for {
		document, err := reader.Read()
		if err == io.EOF {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		object, err := yaml.YAMLToJSON(document)
		if err != nil {
			return nil, err
		}
		if string(object) != "null" {
			found = append(found, string(object))
		}
	}
}

// What a chart renders to, sorted; an error is an answer as well.
func objects(render Render, path, text string) (string, error) {
	values := map[string]interface{}{}
	if err := yaml.Unmarshal([]byte(text), &values); err != nil {
		panic(err)
	}
	rendered, err := render(path, values)
	if err != nil {
		return "", err
	}
	var all []string
	take := func(lead, text string) error {
		found, err := documents(text)
		for _, object := range found {
			all = append(all, lead+object)
		}
		return err
	}
	for _, text := range rendered.CRDs {
		if err := take("crd ", text); err != nil {
			return "", err
		}
	}
	for _, text := range rendered.Manifests {
		if err := take("", text); err != nil {
			return "", err
		}
	}
	for _, hook := range rendered.Hooks {
		if err := take("hook "+hook[0]+" ", hook[1]); err != nil {
			return "", err
		}
	}
	sort.Strings(all)
	return strings.Join(all, "\n"), nil
}

// The objects of one side that the other has not.
func only(text, other string) string {
	have := map[string]bool{}
	for _, line := range strings.Split(other, "\n") {
		have[line] = true
	}
	var found []string
	for _, line := range strings.Split(text, "\n") {
		if !have[line] {
			found = append(found, line)
		}
	}
	return strings.Join(found, "\n")
}

// Answer reads questions until there are no more.
func Answer(render Render) {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<26)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var q question
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			panic(err)
		}
		differs, failed, why := "", 0, ""
		for i, values := range q.Values {
			left, le := objects(render, q.Left, values)
			right, re := objects(render, q.Right, values)
			if le != nil && re != nil {
				failed++
				why = le.Error()
				continue
			}
			if le != nil || re != nil || left != right {
				differs = fmt.Sprintf("values %d:\n%s %v\n--- against ---\n%s %v", i, only(left, right), le, only(right, left), re)
				break
			}
		}
		out.Encode(map[string]interface{}{"differs": differs, "failed": failed, "why": why})
	}
}
