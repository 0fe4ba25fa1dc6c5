// Reads a line {"left": path, "right": path, "values": [yaml]} at a time; loads both packed charts and renders them with each
// values as `helm template --include-crds` does. Answers a line: {"differs": "" or both, "failed": how many renderings were errors
// on both sides}. One process for thousands of charts: starting Helm takes far longer than rendering.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/releaseutil"
	kyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

type question struct {
	Left   string   `json:"left"`
	Right  string   `json:"right"`
	Values []string `json:"values"`
}

// Each document of a text as JSON.
func documents(text []byte) ([]string, error) {
	var found []string
	reader := kyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
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
func rendered(path, text string) (string, error) {
	c, err := loader.LoadFile(path)
	if err != nil {
		return "", fmt.Errorf("load: %w", err)
	}
	if c.Metadata.Type == "library" {
		return "", fmt.Errorf("library charts are not installable")
	}
	values := map[string]interface{}{}
	if err := yaml.Unmarshal([]byte(text), &values); err != nil {
		panic(err)
	}
	if err := chartutil.ProcessDependenciesWithMerge(c, values); err != nil {
		return "", err
	}
	caps := chartutil.DefaultCapabilities
	if c.Metadata.KubeVersion != "" && !chartutil.IsCompatibleRange(c.Metadata.KubeVersion, caps.KubeVersion.String()) {
		return "", fmt.Errorf("kubeVersion")
	}
	if err := missing(c); err != nil {
		return "", err
	}
	top, err := chartutil.ToRenderValues(c, values, chartutil.ReleaseOptions{Name: "r", Namespace: "n", Revision: 1, IsInstall: true}, caps)
	if err != nil {
		return "", err
	}
	files, err := engine.Render(c, top)
	if err != nil {
		return "", err
	}
	for name := range files {
		if strings.HasSuffix(name, "NOTES.txt") {
			delete(files, name)
		}
	}
	hooks, manifests, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	if err != nil {
		return "", err
	}
	var all []string
	take := func(lead string, text string) error {
		objects, err := documents([]byte(text))
		for _, object := range objects {
			all = append(all, lead+object)
		}
		return err
	}
	for _, crd := range c.CRDObjects() {
		if err := take("crd ", string(crd.File.Data)); err != nil {
			return "", err
		}
	}
	for _, m := range manifests {
		if err := take("", m.Content); err != nil {
			return "", err
		}
	}
	for _, h := range hooks {
		tests := true
		for _, event := range h.Events {
			tests = tests && event == release.HookTest
		}
		if tests {
			continue
		}
		if err := take(fmt.Sprint("hook ", h.Events, h.Weight, h.DeletePolicies, " "), h.Manifest); err != nil {
			return "", err
		}
	}
	sort.Strings(all)
	return strings.Join(all, "\n"), nil
}

// As action.CheckDependencies.
func missing(c *chart.Chart) error {
	have := map[string]bool{}
	for _, d := range c.Dependencies() {
		have[d.Name()] = true
	}
	for _, d := range c.Metadata.Dependencies {
		if !have[d.Name] && d.Condition == "" && len(d.Tags) == 0 && d.Alias == "" {
			return fmt.Errorf("missing dependency %s", d.Name)
		}
	}
	return nil
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

func main() {
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
			left, le := rendered(q.Left, values)
			right, re := rendered(q.Right, values)
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
