// Reads a JSON array of YAML texts on stdin; writes a JSON array of {"json": text} or {"error": text}.
package main

import (
	"encoding/json"
	"os"

	"sigs.k8s.io/yaml"
)

type answer struct {
	JSON  string `json:"json,omitempty"`
	Error string `json:"error,omitempty"`
}

func main() {
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		panic(err)
	}
	out := make([]answer, 0, len(texts))
	for _, text := range texts {
		j, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			out = append(out, answer{Error: err.Error()})
			continue
		}
		out = append(out, answer{JSON: string(j)})
	}
	json.NewEncoder(os.Stdout).Encode(out)
}
